from fastapi import APIRouter, WebSocket

early, router, late = APIRouter(), APIRouter(), APIRouter()


@early.websocket("/live/{topic}/status")
async def status(socket: WebSocket, topic: str):
    await socket.accept()


@router.get("/live/{topic}/push")
def pushed(topic: str):
    return topic


@late.get("/{path:path}")
def page(path: str):
    return path


@late.websocket("/news")
async def news(socket: WebSocket):
    await socket.accept()
