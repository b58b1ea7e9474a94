-- All charges to which something happens by itself: pending ones, and authorisations that expire.
DROP INDEX charges_settling;
CREATE INDEX charges_due ON charges (settles_at) WHERE settles_at IS NOT NULL;

-- Authorisations of before had no end.
UPDATE charges SET settles_at = created_at + 604800000 WHERE status = 'succeeded' AND NOT captured AND amount_refunded = 0;

-- The balance transaction of a charge that has one of its own row: its money came after it was made, or is available at once. Null at a captured
-- charge: the charge is its own transaction.
ALTER TABLE charges ADD COLUMN
    balance_transaction TEXT;

-- An intent's charges; charges of none cost nothing here.
CREATE INDEX charges_payment_intent ON charges (merchant_id, payment_intent) WHERE payment_intent IS NOT NULL;
