"""What every step uses and no step owns: SQL over Arrow tables, money, masking, working days."""
