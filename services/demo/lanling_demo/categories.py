"""Categories of petitions in three levels, codes of 2, 4 and 6 digits. A sample: the county may edit it."""

from dataclasses import dataclass
from functools import cache

# Share of all petitions in percent, default level, department, private dwelling, then middle → leaves.
_TREE: tuple[tuple[str, str, int, str, str, bool, dict[str, tuple[str, ...]]], ...] = (
    ("物业服务", "Property service", 31, "COMMUNITY", "housing", False, {
        "物业管理 Management": ("保洁不到位 Poor cleaning", "秩序维护差 Poor order keeping", "服务态度差 Bad attitude"),
        "物业收费 Charges": ("乱收费 Arbitrary charges", "收费不公示 Undisclosed charges"),
        "公共部位 Common parts": ("电梯故障 Lift failure", "楼道照明 Stairway lighting", "门禁损坏 Broken entrance"),
    }),
    ("环境卫生", "Environment", 17, "GRID", "urban-management", False, {
        "垃圾 Waste": ("垃圾未清运 Waste not collected", "建筑垃圾堆放 Building rubble", "楼道堆物 Cluttered stairs"),
        "市容 Appearance": ("小广告 Illegal posters", "占道经营 Street vending", "绿化缺失 Missing greenery"),
    }),
    ("停车交通", "Parking and traffic", 13, "COMMUNITY", "traffic-police", False, {
        "停车 Parking": ("车位不足 Lack of parking", "乱停乱放 Disorderly parking", "占用消防通道 Blocked fire lane"),
        "交通 Traffic": ("信号灯故障 Signal failure", "标线不清 Worn markings", "交通隐患 Traffic hazard"),
    }),
    ("公共设施", "Public facilities", 11, "STREET", "housing", False, {
        "道路 Roads": ("道路坑洼 Potholes", "道路塌陷 Road subsidence", "井盖缺损 Broken manhole cover"),
        "设施 Facilities": ("路灯不亮 Street light out", "健身器材损坏 Broken fitness equipment"),
    }),
    ("噪声扰民", "Noise", 7, "COMMUNITY", "ecology", False, {
        "噪声 Noise": ("施工噪声 Building noise", "广场舞噪声 Square-dance noise", "商业噪声 Commercial noise"),
    }),
    ("水电气暖", "Pipes, water, heating", 7, "COMMUNITY", "water", True, {
        "供水排水 Water": ("停水 No water", "管道渗漏 Leaking pipe", "下水道堵塞 Blocked sewer"),
        "供暖 Heating": ("暖气不热 Cold heating", "供暖收费 Heating charges"),
    }),
    ("邻里纠纷", "Neighbours' disputes", 5, "GRID", "justice", True, {
        "纠纷 Disputes": ("漏水纠纷 Leak dispute", "噪声纠纷 Noise dispute", "宠物纠纷 Pet dispute"),
    }),
    ("为老助困", "Elderly help", 3, "GRID", "civil-affairs", True, {
        "帮扶 Help": ("独居老人照料 Care of lone elderly", "助餐助浴 Meals and bathing", "困难救助 Hardship relief"),
    }),
    ("政策咨询", "Policy questions", 3, "COMMUNITY", "human-resources", False, {
        "咨询 Questions": ("社保医保 Social insurance", "入学政策 School admission", "旧改政策 Estate renewal"),
    }),
    ("意见建议", "Suggestions", 3, "COMMUNITY", "organization", False, {
        "建议 Suggestions": ("社区建设 Community building", "活动建议 Activities", "服务建议 Services"),
    }),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Category:
    """``level`` 1 … 3; ``share`` is the top level's part of all petitions in percent, 0 below it."""

    code: str
    parent_code: str | None
    level: int
    name: str
    name_en: str
    share: int
    default_level: str
    department_code: str
    private: bool
    duplicate_radius_m: int


@cache
def categories() -> tuple[Category, ...]:
    """All levels, each parent before its children."""
    found: list[Category] = []
    for top, (name, english, share, level, department, private, middles) in enumerate(_TREE, start=1):
        common = (level, department, private)
        found.append(_category(f"{top:02}", 1, f"{name} {english}", share, *common))
        for middle, (label, leaves) in enumerate(middles.items(), start=1):
            code = f"{top:02}{middle:02}"
            found.append(_category(code, 2, label, 0, *common))
            found += [
                _category(f"{code}{leaf:02}", 3, leaf_label, 0, *common)
                for leaf, leaf_label in enumerate(leaves, start=1)
            ]
    return tuple(found)


@cache
def category(code: str) -> Category:
    """By code; KeyError for an unknown one."""
    return {item.code: item for item in categories()}[code]


@cache
def leaves(top_code: str) -> tuple[Category, ...]:
    """The third level below a top category."""
    return tuple(item for item in categories() if item.level == 3 and item.code.startswith(top_code))


def _category(
    code: str, level: int, label: str, share: int, default_level: str, department: str, private: bool
) -> Category:
    name, _, english = label.partition(" ")
    return Category(
        code=code,
        parent_code=code[:-2] or None,
        level=level,
        name=name,
        name_en=english,
        share=share,
        default_level=default_level,
        department_code=department,
        private=private,
        duplicate_radius_m=30 if private else 50,
    )
