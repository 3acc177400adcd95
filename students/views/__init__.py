"""The pages about pupils, a module per noun."""
