"""What a checkpoint must fulfil before it is cosigned, and the audit that recomputes everything from its bytes."""
