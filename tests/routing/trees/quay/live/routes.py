from fastapi import APIRouter, WebSocket

router = APIRouter()


@router.websocket("/{topic}")
async def feed(socket: WebSocket, topic: str):
    await socket.accept()


@router.websocket("/{topic}/{part:path}")
async def part(socket: WebSocket, topic: str, part: str):
    await socket.accept()


@router.post("/{topic}/push")
def push(topic: str):
    return topic


@router.delete("/{topic}")
def drop(topic: str):
    return topic
