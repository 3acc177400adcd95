"""What pages read about flags, scans and decisions; a file per page or noun."""
