"""Which folders are tables, and which are partitions of one.

"How does a crawler determine when to create partitions?":
https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from helpers.local.crawler.schema import SIMILAR_SHARE, FoundSchema, compatible, merged, similar
from helpers.local.in_process import StoredObject

# A folder that can only be a partition: day=2019-10-01, or 2019, as Firehose writes it.
_PARTITION_NAME = re.compile(r"[^=]+=.*|\d+")
_MOST_CLUSTERS = 5
EMPTY_VALUE = "__HIVE_DEFAULT_PARTITION__"
Classify = Callable[[StoredObject], FoundSchema]


@dataclass
class FoundPartition:
    """One partition: the names of its folders below the table, and its files."""

    folders: tuple[str, ...]
    files: list[StoredObject]
    schema: FoundSchema


@dataclass
class FoundTable:
    """A table: its place, its files and, if it has partitions, those."""

    name: str
    location: str
    schema: FoundSchema
    files: list[StoredObject] = field(default_factory=list)
    partitions: list[FoundPartition] = field(default_factory=list)
    exclusions: tuple[str, ...] = ()

    @property
    def partition_keys(self) -> list[str]:
        """The partition keys: of `key=value` folders the key, else `partition_0` and so on."""
        if not self.partitions:
            return []
        levels = list(zip(*(partition.folders for partition in self.partitions), strict=True))
        keys = []
        for number, names in enumerate(levels):
            heads = {name.partition("=")[0].lower() for name in names if "=" in name}
            hive = len(heads) == 1 and all("=" in name for name in names)
            keys.append(heads.pop() if hive else f"partition_{number}")
        return keys

    def values(self, partition: FoundPartition) -> list[str]:
        """Return the values of one partition."""
        keys = self.partition_keys
        return [
            # A value that is empty has a name of Hive's: a partition of the Data Catalog has none without.
            (name.partition("=")[2] or EMPTY_VALUE) if name.partition("=")[0].lower() == key and "=" in name else name
            for key, name in zip(keys, partition.folders, strict=True)
        ]


@dataclass
class _Folder:
    files: list[StoredObject] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)


@dataclass
class _Group:
    """A folder whose files make one table, with or without partitions below it."""

    schema: FoundSchema
    partitions: list[FoundPartition]


@dataclass(frozen=True)
class Grouping:
    """How files are put together, and what tells what a file is.

    https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html and
    https://docs.aws.amazon.com/glue/latest/dg/crawler-table-level.html

    Parameters
    ----------
    classify
        Returns the schema of a file.
    combine
        Files that can be read as one table are one, however their columns differ
        (`CombineCompatibleSchemas`).
    level
        Tables are made of the folders at this level, the bucket being level 1
        (`TableLevelConfiguration`); None if the crawler finds the level itself.
    sample
        How many files of a folder are looked into (`SampleSize`); None for all.
    """

    classify: Classify
    combine: bool = False
    level: int | None = None
    sample: int | None = None

    def together(self, one: FoundSchema, other: FoundSchema, *, partitions: bool = True) -> bool:
        """Return whether two schemas make one table; `partitions` if they are of files or folders named as such."""
        if self.combine:
            return compatible(one, other)
        return similar(one, other, share_of=min if partitions else max)


def find_tables(bucket: str, prefix: str, objects: Sequence[StoredObject], grouping: Grouping) -> list[FoundTable]:
    """Return the tables under an include path, in the order of their names.

    Parameters
    ----------
    bucket, prefix
        The include path; `prefix` ends in a slash or is empty, or is the key of the one object.
    objects
        The files under it.
    grouping
        How they are put together.
    """
    if len(objects) == 1 and objects[0].key == prefix:
        stored = objects[0]
        name = table_name(prefix.rsplit("/", 1)[-1])
        return [FoundTable(name, stored.uri, grouping.classify(stored), [stored])]
    found: list[FoundTable] = []
    for root, files in _roots(prefix, objects, grouping.level).items():
        name = root.rstrip("/").rsplit("/", 1)[-1] or bucket
        rooted = grouping.level is not None
        found += _tables(_tree(root, files), name, f"s3://{bucket}/{root}", grouping, rooted=rooted)
    return sorted(found, key=lambda table: table.name)


def table_name(text: str) -> str:
    """Return a folder's or file's name as Glue makes it a table's."""
    return re.sub(r"[^a-z0-9_]", "_", text.lower())


def _roots(prefix: str, objects: Sequence[StoredObject], level: int | None) -> dict[str, list[StoredObject]]:
    """Return the files by the folder below which tables are looked for."""
    if level is None:
        return {prefix: list(objects)}
    roots: dict[str, list[StoredObject]] = {}
    for stored in objects:
        folders = stored.key.split("/")[:-1][: level - 1]
        root = "".join(f"{folder}/" for folder in folders)
        roots.setdefault(root if len(root) > len(prefix) else prefix, []).append(stored)
    return roots


def _tree(root: str, objects: Sequence[StoredObject]) -> _Folder:
    tree = _Folder()
    for stored in objects:
        folder = tree
        *names, _ = stored.key[len(root) :].split("/")
        for name in names:
            folder = folder.folders.setdefault(name, _Folder())
        folder.files.append(stored)
    return tree


def _tables(
    folder: _Folder, name: str, location: str, grouping: Grouping, *, rooted: bool = False
) -> Iterator[FoundTable]:
    group = _group(folder, grouping, rooted=rooted)
    if group is not None:
        yield _table(group, name, location)
        return
    for inner_name, inner in folder.folders.items():
        yield from _tables(inner, inner_name, f"{location}{inner_name}/", grouping)
    if folder.files:
        alike = _alike(folder.files, grouping)
        if alike is not None:
            yield FoundTable(table_name(name), location, alike, folder.files)
        else:
            for stored in folder.files:
                file_name = stored.key.rsplit("/", 1)[-1]
                yield FoundTable(table_name(file_name), stored.uri, grouping.classify(stored), [stored])


def _table(group: _Group, name: str, location: str) -> FoundTable:
    files = [stored for partition in group.partitions for stored in partition.files]
    plain = len(group.partitions) == 1 and not group.partitions[0].folders
    return FoundTable(table_name(name), location, group.schema, files, [] if plain else group.partitions)


def _group(folder: _Folder, grouping: Grouping, *, rooted: bool = False) -> _Group | None:
    """Return the folder as one table, None if what is in it does not go together.

    `rooted` says that the crawler was told to make a table of this folder.
    """
    if folder.files and folder.folders:
        return None
    if folder.files:
        schema = _alike(folder.files, grouping)
        return None if schema is None else _Group(schema, [FoundPartition((), folder.files, schema)])
    inner = {name: _group(below, grouping, rooted=rooted) for name, below in folder.folders.items()}
    # One folder with a name is a table of its own; with a key=value or a number it is a partition of its parent.
    alone = len(inner) == 1 and not rooted and not grouping.combine
    if not inner or (alone and not _PARTITION_NAME.fullmatch(next(iter(inner)))):
        return None
    whole = _majority(inner, grouping)
    if whole is None:
        return None
    partitions = [
        FoundPartition((name, *partition.folders), partition.files, partition.schema)
        for name, group in inner.items()
        if group is not None
        for partition in group.partitions
    ]
    return _Group(whole, partitions) if len({len(found.folders) for found in partitions}) == 1 else None


def _majority(folders: Mapping[str, _Group | None], grouping: Grouping) -> FoundSchema | None:
    """Return the schema of sibling folders that are partitions of one table, None if they are not.

    "When the majority of schemas at a folder level are similar, the crawler creates partitions of a
    table": more than 70 %, of at most five different ones
    (https://repost.aws/knowledge-center/glue-crawler-detect-schema). Here that holds for folders that
    are named as partitions are; among others, one of another schema makes tables of them all.
    """
    named = all(_PARTITION_NAME.fullmatch(name) for name in folders)
    clusters: list[tuple[FoundSchema, int]] = []
    for group in folders.values():
        if group is None:
            return None
        for number, (schema, count) in enumerate(clusters):
            if grouping.together(schema, group.schema, partitions=named):
                clusters[number] = (merged(schema, group.schema), count + 1)
                break
        else:
            clusters.append((group.schema, 1))
    whole, count = max(clusters, key=lambda cluster: cluster[1])
    readable = all(compatible(whole, schema) for schema, _ in clusters)
    enough = named and readable and count > SIMILAR_SHARE * len(folders) and len(clusters) <= _MOST_CLUSTERS
    return whole if len(clusters) == 1 or enough else None


def _alike(files: Sequence[StoredObject], grouping: Grouping) -> FoundSchema | None:
    """Return the schema of files that go together, None if they do not."""
    schema = grouping.classify(files[0])
    for stored in files[1 : grouping.sample]:
        found = grouping.classify(stored)
        if not grouping.together(schema, found):
            return None
        schema = merged(schema, found)
    return schema
