"""What the site adds to MkDocs; mkdocs.yml names these files."""
