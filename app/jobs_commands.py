"""`nenep jobs`: keeping to the timetable, or running it once."""

from __future__ import annotations

import signal

import click

from app.console import WITH_PARENT, Console, Unable, json_option
from app.jobs import JobsProcess, perform, timetable
from app.leadership import leadership_for
from app.serving import end_with_parent


@click.command()
@click.option("--once", is_flag=True, help="Run every job once, now, and end.")
@click.option("--list", "only_list", is_flag=True, help="Print the timetable and end.")
@json_option
@WITH_PARENT
@click.pass_obj
def jobs(console: Console, once: bool, only_list: bool, with_parent: bool) -> None:
    """Keep to the timetable: switches, letters, reminders, sealing. One at a time works."""
    if only_list:
        for job in timetable():
            console.tell(
                f"{job.name:<12} every {job.every:>5} s  {job.why}",
                job=job.name,
                every=job.every,
                why=job.why,
            )
        return
    with console.ready() as app:
        settings = console.settings
        leadership = leadership_for(settings.database_url, settings.data)
        if once:
            if not leadership.take():
                raise Unable("Another jobs process is at work; it does all of this by itself.")
            _once(console)
            leadership.release()
            return
        process = JobsProcess(app, leadership, on_change=console.say)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: process.stopping.set())
        if with_parent:
            end_with_parent()
        process.run()


def _once(console: Console) -> None:
    failed = False
    for job in timetable():
        outcome = perform(console.app, job)
        failed = failed or bool(outcome.problem)
        console.tell(
            f"{outcome.job:<12} {outcome.problem or outcome.count} ({outcome.seconds} s)",
            job=outcome.job,
            count=outcome.count,
            seconds=outcome.seconds,
            problem=outcome.problem,
        )
    if failed:
        raise Unable("Some jobs failed; the log says where.")
