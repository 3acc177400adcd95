"""The municipal activity responsibility (skollagen 29 kap. 9 §): the room is named, its register is not built yet."""
