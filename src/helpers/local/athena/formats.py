"""What the Data Catalog says of each file format: SerDe, input and output format."""

from __future__ import annotations

from dataclasses import dataclass

_HIVE = "org.apache.hadoop.hive.ql.io"
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = f"{_HIVE}.HiveIgnoreKeyTextOutputFormat"
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
HIVE_JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
PARQUET_SERDE = f"{_HIVE}.parquet.serde.ParquetHiveSerDe"


@dataclass(frozen=True)
class FileFormat:
    """One file format of Hive."""

    serde: str
    input_format: str
    output_format: str


FORMATS = {
    "PARQUET": FileFormat(
        PARQUET_SERDE,
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
    ),
    "ORC": FileFormat(f"{_HIVE}.orc.OrcSerde", f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat"),
    "AVRO": FileFormat(
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        f"{_HIVE}.avro.AvroContainerInputFormat",
        f"{_HIVE}.avro.AvroContainerOutputFormat",
    ),
    "TEXTFILE": FileFormat(LAZY_SIMPLE, _TEXT_INPUT, _TEXT_OUTPUT),
    "JSONFILE": FileFormat(HIVE_JSON_SERDE, _TEXT_INPUT, _TEXT_OUTPUT),
    "JSON": FileFormat(HIVE_JSON_SERDE, _TEXT_INPUT, _TEXT_OUTPUT),
}
