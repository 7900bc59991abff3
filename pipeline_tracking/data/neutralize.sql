-- A copy of the database must neither verify the original's links nor sign any that
-- the original takes for its own. Two UUIDs hold 244 random bits.
UPDATE trackable_key
   SET secret = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
-- Nor does it send tracked mail: its links would lead to the copy, if anywhere.
UPDATE res_company SET is_tracking_allowed = FALSE;
