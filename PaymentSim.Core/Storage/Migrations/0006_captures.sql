-- All charges to which something happens by itself: pending ones, and authorisations that expire.
DROP INDEX charges_settling;
CREATE INDEX charges_due ON charges (settles_at) WHERE settles_at IS NOT NULL;

-- Authorisations of before had no end.
UPDATE charges SET settles_at = created_at + 604800000 WHERE status = 'succeeded' AND NOT captured AND amount_refunded = 0;
