-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync every_type (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("id" AS BIGINT) AS key,
    CAST("email" AS VARCHAR) AS m1,
    CAST("score" AS DOUBLE) AS f1,
    CAST("balance" AS DECIMAL(38,9)) AS f2,
    CAST("active" AS BOOLEAN) AS f3,
    CAST("born" AS DATE) AS f4,
    CAST("seen" AS TIMESTAMP) AS f5,
    CASE WHEN regexp_matches("extra", '\d{16}') THEN "extra" ELSE json("extra") END AS f6,
    CAST("tags" AS VARCHAR[]) AS f7
  FROM source_people
)
SELECT
  key,
  m1,
  f1,
  f2,
  f3,
  f4,
  f5,
  f6,
  f7,
  COALESCE(CASE
    WHEN m1 IS NULL THEN 'no_match:email'
    WHEN NOT isfinite(f1) THEN 'not_json:score'
    WHEN f4 NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN 'bad_value:born'
    WHEN f5 NOT BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN 'bad_value:seen'
    WHEN (regexp_matches(CAST(f6 AS VARCHAR), '(?i)nan|inf|,\s*[\]}]') AND regexp_matches(regexp_replace(CAST(f6 AS VARCHAR), '"([^"\\]|\\.)*"', '""', 'g'), '(?i)nan|inf|,\s*[\]}]')) THEN 'not_json:extra'
  END, 'ok') AS problem
FROM typed
ORDER BY key
