from desk.app import desk
from fastapi import FastAPI
from live import routes as live
from pages import routes as pages

app = FastAPI()
app.mount("/desk", desk)
app.include_router(pages.early)
app.include_router(pages.router)
app.include_router(live.router, prefix="/live")
app.include_router(pages.late)
