"""What the benchmark's scripts share: operations, servers, load, measurements, reports. Standard library only."""
