-- The splitter's table: one row for each customer, and whether his documents are good.
CREATE TABLE public.user_purchase (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cpf varchar(20) NOT NULL UNIQUE,
  private boolean,
  incompleto boolean,
  data_ultima_compra date,
  ticket_medio numeric(12, 2),
  ticket_ultima_compra numeric(12, 2),
  loja_mais_frequente varchar(20),
  loja_ultima_compra varchar(20),
  cpf_invalido boolean NOT NULL DEFAULT false,
  loja_mais_frequente_invalida boolean NOT NULL DEFAULT false,
  loja_ultima_compra_invalida boolean NOT NULL DEFAULT false,
  cpf_valido boolean GENERATED ALWAYS AS (NOT cpf_invalido) STORED,
  cnpj_loja_mais_frequente_valido boolean GENERATED ALWAYS AS
    (CASE WHEN loja_mais_frequente IS NOT NULL THEN NOT loja_mais_frequente_invalida END) STORED,
  cnpj_loja_ultima_compra_valido boolean GENERATED ALWAYS AS
    (CASE WHEN loja_ultima_compra IS NOT NULL THEN NOT loja_ultima_compra_invalida END) STORED
);
