from sqlmodel import Field, Relationship, SQLModel


class Region(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    stations: list["Station"] = Relationship(back_populates="region")


class StationBase(SQLModel):
    name: str
    height: int = 0


class Station(StationBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    region_id: int | None = Field(default=None, foreign_key="region.id")
    region: Region | None = Relationship(back_populates="stations")
    readings: list["Reading"] = Relationship(back_populates="station", cascade_delete=True)


class StationIn(StationBase):
    pass


class Reading(SQLModel, table=True):
    __tablename__ = "measured"

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="station.id")
    degrees: float
    station: Station | None = Relationship(back_populates="readings")
