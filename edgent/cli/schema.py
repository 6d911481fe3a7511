"""``edgent schema``: the spec's JSON Schema, for editors."""

import json

import typer

from edgent.spec import Pipeline


def register(application: typer.Typer) -> None:
    """Add the command."""
    application.command()(schema)


def schema() -> None:
    """Print the JSON Schema of a pipeline spec, for completion and checks in an editor."""
    typer.echo(json.dumps(Pipeline.model_json_schema(), indent=2))
