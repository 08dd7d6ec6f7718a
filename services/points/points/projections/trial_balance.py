"""The trial balance: debits and credits of every account, from the postings alone."""

from dataclasses import dataclass
from typing import Annotated, Any

from govkit.domain import Doc, Id
from govkit.store.store import Store
from points.domain.ledger import LedgerAccountKind, LedgerTransaction

RESIDENTS = LedgerAccountKind.RESIDENT.name


@dataclass(frozen=True, kw_only=True)
class TrialBalanceRow:
    """试算表行 One account, or all residents' accounts together"""

    account_id: Annotated[Id, Doc("账户 Account; RESIDENT stands for all passbooks together")]
    kind: Annotated[LedgerAccountKind, Doc("类型 Kind of account")]
    accounts: Annotated[int, Doc("账户数 Number of accounts in this row")]
    debits: Annotated[int, Doc("借方 Points that left")]
    credits: Annotated[int, Doc("贷方 Points that entered")]
    balance: Annotated[int, Doc("余额 Credits less debits")]


@dataclass(frozen=True, kw_only=True)
class TrialBalance:
    """试算表 Trial balance of the whole ledger"""

    rows: Annotated[list[TrialBalanceRow], Doc("行 Rows")]
    debits: Annotated[int, Doc("借方合计 All debits")]
    credits: Annotated[int, Doc("贷方合计 All credits")]
    difference: Annotated[int, Doc("差额 Sum of all balances; 0 in a sound ledger")]


async def trial_balance(store: Store) -> TrialBalance:
    totals = store.collection(LedgerTransaction).aggregate(
        [*SIDES, {"$group": {"_id": "$side.account", "debits": DEBITS, "credits": CREDITS}}]
    )
    rows: dict[str, TrialBalanceRow] = {}
    async for total in totals:
        row = _row(total)
        rows[row.account_id] = _sum(rows[row.account_id], row) if row.account_id in rows else row
    ordered = [rows[key] for key in sorted(rows)]
    return TrialBalance(
        rows=ordered,
        debits=sum(row.debits for row in ordered),
        credits=sum(row.credits for row in ordered),
        difference=sum(row.balance for row in ordered),
    )


async def account_balance(store: Store, account_id: str) -> int:
    """Credits less debits of one account."""
    rows = store.collection(LedgerTransaction).aggregate(
        [
            {"$match": {"account_ids": account_id}},
            *SIDES,
            {"$match": {"side.account": account_id}},
            {"$group": {"_id": None, "balance": {"$sum": {"$subtract": ["$side.credit", "$side.debit"]}}}},
        ]
    )
    return sum([int(row["balance"]) async for row in rows])


# Each posting as its two sides.
SIDES: list[dict[str, Any]] = [
    {"$unwind": "$postings"},
    {
        "$project": {
            "side": [
                {"account": "$postings.debit_account_id", "debit": "$postings.points", "credit": {"$literal": 0}},
                {"account": "$postings.credit_account_id", "debit": {"$literal": 0}, "credit": "$postings.points"},
            ]
        }
    },
    {"$unwind": "$side"},
]
DEBITS, CREDITS = {"$sum": "$side.debit"}, {"$sum": "$side.credit"}


def _row(total: dict[str, Any]) -> TrialBalanceRow:
    kind = LedgerAccountKind[total["_id"].split(":", 1)[0]]
    return TrialBalanceRow(
        account_id=RESIDENTS if kind is LedgerAccountKind.RESIDENT else total["_id"],
        kind=kind,
        accounts=1,
        debits=total["debits"],
        credits=total["credits"],
        balance=total["credits"] - total["debits"],
    )


def _sum(one: TrialBalanceRow, other: TrialBalanceRow) -> TrialBalanceRow:
    return TrialBalanceRow(
        account_id=one.account_id,
        kind=one.kind,
        accounts=one.accounts + other.accounts,
        debits=one.debits + other.debits,
        credits=one.credits + other.credits,
        balance=one.balance + other.balance,
    )
