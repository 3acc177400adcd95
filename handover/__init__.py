"""From one school to the next (skollagen 3 kap. 12 j §): the room is named, its first page is not built yet."""
