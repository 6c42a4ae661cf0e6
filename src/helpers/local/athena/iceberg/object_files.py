"""Files of Iceberg tables in the emulator's S3, as pyiceberg reads and writes them."""

from __future__ import annotations

import io
from typing import Any

from ministack.core.responses import get_account_id, get_region
from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream
from pyiceberg.typedef import EMPTY_DICT, Properties

from helpers.local import in_process
from helpers.local.in_process import ServiceCallError


class ObjectFileIO(FileIO):
    """S3 of the account and region that are in scope when it is made: pyiceberg opens files in threads of its own."""

    def __init__(self, properties: Properties = EMPTY_DICT) -> None:
        super().__init__(properties)
        self.account = get_account_id()
        self.region = get_region()

    def new_input(self, location: str) -> ObjectFile:
        return ObjectFile(location, self)

    def new_output(self, location: str) -> ObjectFile:
        return ObjectFile(location, self)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        path = location if isinstance(location, str) else location.location
        with in_process.scope(self.account, self.region):
            in_process.s3_request("DELETE", *address(path))

    def read(self, location: str) -> bytes:
        """Return an object's bytes.

        Raises
        ------
        FileNotFoundError
            If there is no such object.
        """
        try:
            with in_process.scope(self.account, self.region):
                return bytes(in_process.read_object(*address(location)))
        except ServiceCallError as error:
            raise FileNotFoundError(error.message) from error

    def write(self, location: str, data: bytes) -> None:
        """Store an object.

        Raises
        ------
        OSError
            If S3 refuses it.
        """
        try:
            with in_process.scope(self.account, self.region):
                in_process.s3_request("PUT", *address(location), data)
        except ServiceCallError as error:
            raise OSError(f"{error.message} ({location})") from error


class ObjectFile(InputFile, OutputFile):
    """One object, there or yet to be written."""

    def __init__(self, location: str, files: ObjectFileIO) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return len(self._files.read(self.location))

    def exists(self) -> bool:
        try:
            self._files.read(self.location)
        except FileNotFoundError:
            return False
        return True

    def open(self, seekable: bool = True) -> InputStream:
        return io.BytesIO(self._files.read(self.location))

    def to_input_file(self) -> InputFile:
        return self

    def create(self, overwrite: bool = False) -> OutputStream:
        if not overwrite and self.exists():
            raise FileExistsError(f"{self.location} exists")
        return _Upload(self._files, self.location)


class _Upload(io.BytesIO):
    """What is written goes to S3 when it is closed, as one object."""

    def __init__(self, files: ObjectFileIO, location: str) -> None:
        super().__init__()
        self._files = files
        self._location = location

    def close(self) -> None:
        if not self.closed:
            self._files.write(self._location, self.getvalue())
        super().close()

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.close()
        else:
            # What broke off is not stored.
            super().close()


def address(location: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` location."""
    bucket, _, key = location.partition("://")[2].partition("/")
    return bucket, key
