"""Everything the points service seeds, in one place."""

from .points import PATHS, EarningRule, Grant, RecruitmentCall, SignUp, earning_rules, grants, recruitment_calls
from .products import Product, StockReceipt, Supermarket, products, products_by_code, stock_receipts, supermarkets
from .redemptions import Passbook, Redemption, RedemptionLine, passbooks, redemptions
from .residents import Resident, residents

__all__ = [
    "PATHS",
    "EarningRule",
    "Grant",
    "Passbook",
    "Product",
    "RecruitmentCall",
    "Redemption",
    "RedemptionLine",
    "Resident",
    "SignUp",
    "StockReceipt",
    "Supermarket",
    "earning_rules",
    "grants",
    "passbooks",
    "products",
    "products_by_code",
    "recruitment_calls",
    "redemptions",
    "residents",
    "stock_receipts",
    "supermarkets",
]
