"""Zeppelin notes: from a readable source to files for Flink Studio, and run on the laptop's Flink."""

from helpers.zeppelin.lint import deploy_problems
from helpers.zeppelin.note import read_note, write_notes
from helpers.zeppelin.player import NotePlayer
from helpers.zeppelin.run import deploy_note
from helpers.zeppelin.source import NoteParameters

__all__ = ["NoteParameters", "NotePlayer", "deploy_note", "deploy_problems", "read_note", "write_notes"]
