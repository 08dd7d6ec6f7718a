"""The tree of petition categories, in three levels."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Aggregate, Code, Doc, Id, Name, Pattern, Range, Ref, Register, Role, Unique
from petition.domain.errors import PetError
from petition.domain.vocabulary import ResponseLevel


@dataclass(kw_only=True)
class PetitionCategory(Aggregate):
    """诉求类别 Category of petitions: three levels, codes of two, four and six digits"""

    PLURAL = "petitionCategories"
    KEYS = ("code",)
    UNIQUE = (Unique(("code",), PetError.CATEGORY_EXISTS),)
    REGISTER = Register(Role.COUNTY_DISPATCHER, Role.ADMIN)

    code: Annotated[Code, Doc("类别代码 Code"), Pattern(r"\d{2}(\d{2}){0,2}", "040101")]
    parent_code: Annotated[
        Code | None,
        Doc("上级类别 Parent category", example="0401"),
        Ref("PetitionCategory", key="code", edge="parent", inverse="children"),
    ] = None
    name: Annotated[Name, Doc("名称 Name in Chinese")]
    name_en: Annotated[Name, Doc("英文名 Name in English")]
    default_level: Annotated[ResponseLevel, Doc("默认响应层级 Level that handles it unless triage says otherwise")]
    department_id: Annotated[
        Id | None, Doc("主管部门 Department in whose duty it lies"), Ref("Department", inverse="petition_categories")
    ] = None
    private: Annotated[bool, Doc("涉及私宅 Concerns a private dwelling: petitions are internal by default")] = False
    evidence_required: Annotated[bool, Doc("须附办结凭证 A result needs evidence")] = False
    duplicate_radius_m: Annotated[
        int, Doc("重复判定半径(米) Radius within which two may be duplicates"), Range(1, 5_000)
    ]
    active: Annotated[bool, Doc("启用 In use")] = True

    @property
    def depth(self) -> int:
        """1 … 3."""
        return len(self.code) // 2

    def check(self) -> None:
        """The parent's code is the code without its last two digits. Raises PET_CATEGORY_PARENT."""
        if (self.code[:-2] or None) != self.parent_code:
            raise PetError.CATEGORY_PARENT(field="parentCode", expected=self.code[:-2] or None)

    def require_active(self) -> None:
        """Raises PET_CATEGORY_INACTIVE."""
        if not self.active:
            raise PetError.CATEGORY_INACTIVE(field="categoryCode", category=self.code)
