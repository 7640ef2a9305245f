-- source odd (models/odd.yml:2)
WITH source_odd AS (
SELECT id AS "i""d", email AS "select", org AS "a'b; --" FROM weir_suite.people
),
-- sync awkward_names (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("i""d" AS BIGINT) AS key,
    CAST("select" AS VARCHAR) AS m1,
    CAST("a'b; --" AS VARCHAR) AS f1,
    CAST("select" AS VARCHAR) AS f2,
    CAST("select" AS VARCHAR) AS f3
  FROM source_odd
)
SELECT
  key,
  m1,
  f1,
  f2,
  f3,
  COALESCE(CASE
    WHEN m1 IS NULL THEN 'no_match:e''mail"'
  END, 'ok') AS problem
FROM typed
ORDER BY key
