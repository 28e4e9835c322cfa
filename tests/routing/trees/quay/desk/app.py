from fastapi import FastAPI

desk = FastAPI(openapi_url=None)


@desk.get("/{name}")
def show(name: str):
    return name
