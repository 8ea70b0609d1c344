-- The demo's tables: suppliers and what is owed to them.
DROP SCHEMA IF EXISTS demo CASCADE;
CREATE SCHEMA demo;
CREATE TABLE demo.fornecedores (
  codigo          integer PRIMARY KEY,
  razao_social    varchar(60) NOT NULL,
  documento       varchar(14) NOT NULL UNIQUE,
  cidade          text,
  uf              char(2) NOT NULL,
  limite_credito  numeric(12,2) CONSTRAINT limite_nao_negativo CHECK (limite_credito >= 0),
  cadastro        date,
  ativo           boolean NOT NULL
);
CREATE TABLE demo.titulos (
  numero      bigint PRIMARY KEY,
  fornecedor  integer NOT NULL REFERENCES demo.fornecedores,
  vencimento  date NOT NULL,
  valor       numeric(12,2) NOT NULL
);
