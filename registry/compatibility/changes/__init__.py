"""The walk over two plain schemas, and the changes it meets, place by place."""
