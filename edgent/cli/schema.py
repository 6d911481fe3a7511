"""``edgent schema``: the spec's JSON Schema, for editors."""

import json

import typer

from edgent.command_line import add_command
from edgent.spec import Pipeline


def register(application: typer.Typer) -> None:
    """Add the command."""
    add_command(application, schema, "edgent schema > pipeline.schema.json")


def schema() -> None:
    """Print the JSON Schema of pipeline specs, by which an editor completes and checks them."""
    typer.echo(json.dumps(Pipeline.model_json_schema(), indent=2))
