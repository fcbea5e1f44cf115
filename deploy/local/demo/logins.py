"""One login for each kind of user of the demonstration; all people behind them are made up."""

from dataclasses import dataclass
from typing import Final

from deploy.local.demo.story import BLOC, COMMUNE
from shared.events.members import Office
from shared.ids import derived_id

PASSWORD: Final = "sinhhoat-chibo"  # noqa: S105  (of the demonstration only: its data are made up)


def phieng_loi() -> str:
    """The cell of the documents that meets on the 10th."""
    return derived_id("demo", COMMUNE, "Chi bộ bản Phiêng Lơi")


@dataclass(frozen=True, slots=True)
class Login:
    who: str
    name: str
    office: Office
    organisation: str
    page: str
    member: int | None = None  # the number on the cell's roll of the person who holds it
    password: str = PASSWORD

    @property
    def account(self) -> str:
        return derived_id("demo", "account", self.name)


LOGINS: Final = (
    Login("Ủy ban Kiểm tra Đảng ủy Khối", "ubkt.khoi", Office.INSPECTOR, BLOC, "/inspection/wall"),
    Login("Ủy ban Kiểm tra Đảng ủy xã", "ubkt.xa", Office.INSPECTOR, COMMUNE, "/inspection/wall"),
    Login("Bí thư chi bộ bản Phiêng Lơi", "bithu", Office.CELL_SECRETARY, phieng_loi(), "/meetings", 0),
    Login("Thư ký chi bộ bản Phiêng Lơi", "thuky", Office.MINUTE_TAKER, phieng_loi(), "/meetings", 1),
    Login("Đảng viên chi bộ bản Phiêng Lơi", "dangvien", Office.MEMBER, phieng_loi(), "/meetings", 2),
    Login("Văn phòng Đảng ủy xã", "vanphong", Office.COMMITTEE_OFFICE, COMMUNE, "/members"),
    Login("Văn phòng Đảng ủy Khối", "vanphong.khoi", Office.COMMITTEE_OFFICE, BLOC, "/members"),
    Login("Cán bộ bảo vệ dữ liệu", "baove", Office.DATA_PROTECTION_OFFICER, COMMUNE, "/members/readings"),
    Login("Quản trị hệ thống", "quantri", Office.OPERATOR, COMMUNE, "/members"),
)
