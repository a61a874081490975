"""The pages: the board for coordinators and operators, the referrals for a partner without a system of its own."""
