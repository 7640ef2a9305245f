-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync key_of_decimals (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    rtrim(rtrim(CAST(CAST("balance" AS DECIMAL(38,9)) AS VARCHAR), '0'), '.') AS key,
    CAST("email" AS VARCHAR) AS f1
  FROM source_people
)
SELECT
  key,
  f1,
  COALESCE(CAST(NULL AS VARCHAR), 'ok') AS problem
FROM typed
ORDER BY key
