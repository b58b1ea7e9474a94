-- Bank accounts are kept as payment methods, too: card or us_bank_account.
ALTER TABLE payment_methods ADD COLUMN type TEXT NOT NULL DEFAULT 'card';
