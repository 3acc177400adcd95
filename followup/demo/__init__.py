"""The demo municipality: invented schools, staff and pupils, with a school year behind them.

Nobody here exists. Numbers are the tax agency's published test numbers, and temporary numbers where
those run out; family names are put together so that nobody bears them.
"""
