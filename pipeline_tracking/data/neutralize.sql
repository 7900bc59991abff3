-- A copy of the database must not verify links of the original, nor sign links that the
-- original accepts. Two UUIDs hold 244 random bits.
UPDATE trackable_key
   SET secret = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
-- A copy must not send tracked emails: their links would lead to the copy.
UPDATE res_company SET is_tracking_allowed = FALSE;
