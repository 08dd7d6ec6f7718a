"""`backup`: one consistent picture of a service's database in a file, beside the running service.

What is read is one snapshot. The offsets are asked for before it: an offset moves only behind effects that are
committed, so the picture holds everything up to there, and a restored service that reads on from there misses nothing.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from govkit.operations import screen
from govkit.operations.archive import ArchiveWriter, new_archive
from govkit.operations.places import ends, group_places
from govkit.operations.shadow import PREFIX
from govkit.operations.target import OperationError, Target

SNAPSHOT_GONE = (239, 246)
NOT_KEPT = ("leases", "restoring", f"{PREFIX}.", "system.")
"""What belongs to running processes, and to no picture."""


async def backup(target: Target, path: Path) -> int:
    header = {
        "service": target.name,
        "database": target.store.database.name,
        "made_at": datetime.now(UTC),
        "migrations": await target.migrations.names(),
        "group": await group_places(target),
        "own": await ends(target, [target.topic]),
    }
    with new_archive(path, header) as archive:
        try:
            await _read(target, archive)
        except OperationFailure as error:
            if error.code not in SNAPSHOT_GONE:
                raise
            raise OperationError(
                "it took longer than the database keeps a snapshot: raise minSnapshotHistoryWindowInSeconds"
            ) from error
    screen.say(f"{sum(archive.rows.values())} rows of {len(archive.rows)} collections: {path}")
    return 0


async def _read(target: Target, archive: ArchiveWriter) -> None:
    database = target.store.database
    raw: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
    # A snapshot session brings its own read concern.
    plain = database.with_options(codec_options=raw, read_concern=ReadConcern())
    async with await target.store.client.start_session(snapshot=True) as session:
        await plain["migrations"].find_one({}, session=session)
        for name in sorted(await database.list_collection_names(filter={"type": "collection"})):
            if name.startswith(NOT_KEPT):
                continue
            async for row in plain[name].find({}, session=session, batch_size=2_000):
                archive.add(name, row)
            archive.flush(name)
