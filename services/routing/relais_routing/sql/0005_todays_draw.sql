-- A step no longer keeps the day of its first draw: chains are folded anew from the log.
delete from snapshot where stream like 'chain/%';
