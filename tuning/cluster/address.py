"""interim"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    where: str
    cores: int = 1

    @classmethod
    def parse(cls, text: str) -> "Address":
        where, _, rest = text.partition(",")
        return cls(where, int(rest.partition("=")[2] or 1))

    @property
    def host(self):
        return None if self.where == "auto" else self.where.removeprefix("ray://").rpartition(":")[0]

    @property
    def port(self):
        return int(self.where.rpartition(":")[2])
