"""What things cost on this machine: run outside the gate, the last results are kept in bench/results."""
