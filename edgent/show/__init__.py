"""Tables, pictures and explanations: what people look at."""
