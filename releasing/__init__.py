"""What is checked before a release; never imported by the product."""
