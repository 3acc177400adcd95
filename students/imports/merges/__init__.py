"""How each kind of file goes into the database: one module per noun, all by set."""
