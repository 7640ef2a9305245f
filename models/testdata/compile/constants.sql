-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync constants (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("id" AS BIGINT) AS key,
    CAST(('it''s a' || chr(10) || 'lead') AS VARCHAR) AS f1,
    CAST('42' AS BIGINT) AS f2,
    CAST('12.50' AS DECIMAL(38,9)) AS f3,
    CAST('1e300' AS DOUBLE) AS f4,
    CAST('true' AS BOOLEAN) AS f5,
    CAST(NULL AS VARCHAR) AS f6,
    CAST('{"a":["b"]}' AS JSON) AS f7,
    CAST('' AS VARCHAR) AS f8
  FROM source_people
)
SELECT
  key,
  f1,
  f2,
  f3,
  f4,
  f5,
  f6,
  f7,
  f8,
  COALESCE(CAST(NULL AS VARCHAR), 'ok') AS problem
FROM typed
ORDER BY key
