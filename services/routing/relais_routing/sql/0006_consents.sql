-- The sheet of clocks knows when a consent runs out, too: every chain is looked at once, and has that moment from then on.
update clock set due = now() where due is null or due > now();
