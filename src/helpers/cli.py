"""The command line: `python -m helpers COMMAND`; the Makefile's targets are thin calls of it."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.settings import (
    DEFAULT_PREFIX,
    DEFAULT_REGION,
    LOCAL_ACCOUNT,
    Settings,
    build_dir_from_environment,
    find_project_root,
)
from helpers.target import local_services
from helpers.whole_file import ABOUT_WRITING, NO_ROOM, UnwritableFileError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 refused or failed, 130 interrupted."""
    args = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        args.command(args)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        build_dir = build_dir_from_environment()
        place = Path(error.filename) if error.filename else build_dir
        ours = bool(error.filename) and place.absolute().is_relative_to(build_dir.absolute())
        if error.errno not in (ABOUT_WRITING if ours else NO_ROOM):
            raise
        print(UnwritableFileError(place, error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers", description="The lab's commands.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run every notebook and write build/")
    run.add_argument("--dataset", type=Path, help="your Kaggle file: .csv, .csv.gz or .zip (default: the sample)")
    run.add_argument("--rows", help="take only the first ROWS rows")
    run.add_argument("--bots", action="store_true", help="plant bots in your file, to judge the bot rule by")
    run.add_argument("--target", choices=("local", "aws"), help="default: LAB_TARGET, else local")
    run.add_argument("--confirm", default="", help="`yes` lets a run on AWS spend money")
    run.set_defaults(command=_run)

    up = commands.add_parser("up", help="start the local AWS and Flink in the background")
    up.add_argument("--port", type=int, help="default: 4566, or a free one if that is taken")
    up.set_defaults(command=_up)
    commands.add_parser("stop", help="stop the local AWS, Flink and the console page").set_defaults(command=_stop)
    commands.add_parser("status", help="say what is up and where").set_defaults(command=_status)

    lab = commands.add_parser("lab", help="open JupyterLab with the local AWS, Flink and the console page up")
    lab.add_argument("jupyter", nargs="*", help="options for JupyterLab, after --")
    lab.set_defaults(command=_lab)

    generate = commands.add_parser("generate", help="make a data set in the Kaggle file's shape")
    generate.add_argument("--rows", type=int, required=True)
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--out", type=Path, default=Path("events.csv.gz"), help=".csv or .csv.gz")
    generate.set_defaults(command=_generate)

    notes = commands.add_parser("notes", help="write the Zeppelin notes for your own streams")
    notes.add_argument("--out", type=Path, required=True, help="folder")
    notes.add_argument("--region", default=DEFAULT_REGION)
    notes.add_argument("--events-stream", help="default: the lab's own name")
    notes.add_argument("--activity-stream", help="default: the lab's own name")
    notes.add_argument("--window-seconds", type=int, default=BotRule.window_seconds)
    notes.add_argument("--more-than", type=int, default=BotRule.activity_over, help="actions in a window")
    notes.set_defaults(command=_notes)

    size = commands.add_parser("size", help="say what a traffic needs on AWS, and its price by the hour")
    size.add_argument("--events-per-second", type=float, required=True, help="of the busiest second")
    size.add_argument("--event-bytes", type=int, required=True, help="mean size of a record")
    size.set_defaults(command=_size)

    bench = commands.add_parser("bench", help="measure how fast the lab is, and what stops it from being faster")
    bench.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these parts alone; soak must be named")
    bench.add_argument("--runs", type=int, default=3, help="how often each figure is measured; default: 3")
    bench.add_argument("--share", type=float, default=1.0, help="of the full sizes; default: 1")
    bench.set_defaults(command=_bench)

    stack = commands.add_parser("stack", help="write the code that the CloudFormation template needs")
    stack.add_argument("--out", type=Path, default=Path("build/stack"), help="folder")
    stack.set_defaults(command=_stack)

    bill = commands.add_parser("costs", help="say what the course costs on AWS, and what forgetting it costs")
    bill.add_argument("--dataset", type=Path, help="your Kaggle file, whose rows are counted (default: the sample)")
    bill.add_argument("--rows", help="so many rows, without a file or of it")
    bill.add_argument("--hours", type=_not_negative, default=1.0, help="how long the streams are kept; default: 1")
    bill.add_argument(
        "--nights", type=int, nargs="?", const=1, default=0, help="add so many forgotten nights of 12 hours; default: 0"
    )
    bill.set_defaults(command=_costs)

    policies = commands.add_parser("policies", help="write the IAM policies of iam/ for your account and region")
    policies.add_argument("--out", type=Path, help="folder (default: iam/ in the build folder)")
    policies.add_argument("--target", choices=("local", "aws"), help="default: LAB_TARGET, else local")
    policies.set_defaults(command=_policies)

    clean_up = commands.add_parser("clean-up", help="delete everything that the lab made, and prove it")
    clean_up.add_argument("--dry-run", action="store_true", help="only say what there is and what it costs")
    clean_up.add_argument("--yes", action="store_true", help="do not ask")
    clean_up.add_argument("--target", choices=("local", "aws"), help="default: LAB_TARGET, else local")
    clean_up.set_defaults(command=_clean_up)

    outputs = commands.add_parser("outputs", help="keep the last run's outputs in the notebooks themselves")
    outputs.set_defaults(command=_outputs)
    return parser


def _run(args: argparse.Namespace) -> None:
    from helpers.course import run_course

    report = run_course(args.dataset, args.rows, args.target, args.confirm, print, args.bots)
    print(f"\nReport: {report}\nResults: {report.parents[1] / 'results'}\nNotebooks: {report.parents[1] / 'notebooks'}")


def _up(args: argparse.Namespace) -> None:
    build_dir, local = build_dir_from_environment(), local_services()
    services = local.start(build_dir, args.port)
    print(f"The local AWS is up at {services.aws_endpoint}")
    print(f"Flink is up, its web page is {local.start_flink(build_dir)}")


def _stop(args: argparse.Namespace) -> None:
    stopped = local_services().stop(build_dir_from_environment())
    print("The local AWS is stopped." if stopped else "The local AWS was not up.")


def _status(args: argparse.Namespace) -> None:
    services = local_services().status(build_dir_from_environment())
    if services is None:
        print("The local AWS is not up.")
        return
    print(f"The local AWS is up at {services.aws_endpoint}")
    print(f"Flink's web page is {services.flink_rest}" if services.flink_rest else "Flink is not up.")
    if services.console:
        print(f"Its console page is {services.console}")


def _lab(args: argparse.Namespace) -> None:
    build_dir = build_dir_from_environment()
    if os.environ.get("LAB_TARGET", "local") == "local":
        local = local_services()
        services = local.start(build_dir)
        flink = local.start_flink(build_dir)
        console = local.start_console(build_dir)
        print(f"Local AWS: {services.aws_endpoint}\nFlink: {flink}\nConsole page: {console}\n`make stop` ends them.")
    root = find_project_root()
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={root}", *args.jupyter]
    subprocess.run([*command, "notebooks/00_start.ipynb"], cwd=root, check=False)


def _generate(args: argparse.Namespace) -> None:
    from helpers.generator import generate

    report = generate(args.rows, args.seed, args.out)
    print(f"{report.rows:,} events in {report.path}\nThe planted users are listed in {report.truth_path}")


def _notes(args: argparse.Namespace) -> None:
    from helpers.zeppelin.note import write_notes
    from helpers.zeppelin.source import NoteParameters

    own = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, args.region, "local", None, build_dir_from_environment())
    rule = BotRule(args.window_seconds, args.more_than, max(BotRule.alert_over, args.more_than))
    parameters = NoteParameters(
        args.region, args.events_stream or own.events_stream, args.activity_stream or own.activity_stream, rule
    )
    for path in write_notes(args.out, parameters):
        print(path)


def _size(args: argparse.Namespace) -> None:
    from helpers.sizing import explained

    print(explained(args.events_per_second, args.event_bytes))


def _bench(args: argparse.Namespace) -> None:
    from helpers.bench.run import PartFailedError, run_benchmark

    build_dir = build_dir_from_environment()
    failed = run_benchmark(build_dir, print, args.only, args.runs, args.share)
    print(f"\nPage: {build_dir / 'report' / 'bench.html'}\nRecord: {build_dir / 'bench.json'}")
    if failed:
        raise PartFailedError(failed)


def _stack(args: argparse.Namespace) -> None:
    from helpers.stack import write

    files = write(args.out)
    print(f"Template: {files.template}\nCode to upload: {files.code} (CodePrefix={files.code.name})")


def _costs(args: argparse.Namespace) -> None:
    from helpers.costs.command import costs_in_words
    from helpers.dataset import parse_rows

    print(costs_in_words(args.dataset, parse_rows(args.rows), args.hours, max(args.nights, 0)))


def _not_negative(text: str) -> float:
    hours = float(text)
    if not 0 <= hours < float("inf"):
        raise ValueError(text)
    return hours


def _policies(args: argparse.Namespace) -> None:
    from helpers.iam.documents import write_all
    from helpers.lab import connect

    if args.target:
        os.environ["LAB_TARGET"] = args.target
    settings = connect().settings
    for path in write_all(settings, args.out or settings.build_dir / "iam"):
        print(path)


def _clean_up(args: argparse.Namespace) -> None:
    from helpers.clean_up.command import clean_up
    from helpers.lab import connect

    if args.target:
        os.environ["LAB_TARGET"] = args.target
    clean_up(connect(), print, input, dry_run=args.dry_run, yes=args.yes)


def _outputs(args: argparse.Namespace) -> None:
    from helpers.outputs import keep_outputs

    for path in keep_outputs(find_project_root() / "notebooks", build_dir_from_environment() / "notebooks"):
        print(path)
