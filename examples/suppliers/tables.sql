-- The tables that examples/contracts/fornecedores-documentos.yaml fills.
CREATE SCHEMA ns;
CREATE TABLE ns.pessoas (
  id uuid PRIMARY KEY,
  cpf_cnpj text NOT NULL,
  codigo varchar(30) NOT NULL,
  qualificacao varchar(40),
  nome varchar(150) NOT NULL,
  criado_em date,
  atualizado_em timestamp NOT NULL,
  fornecedorativado integer,
  vendedorativado integer,
  inativo boolean,
  pagamento_prazo integer,
  pagamento_limite numeric(14,2),
  extras jsonb);
CREATE TABLE ns.contatos (
  id uuid PRIMARY KEY,
  id_pessoa uuid NOT NULL REFERENCES ns.pessoas,
  nome varchar(150) NOT NULL,
  nascimento date,
  sexo varchar(1),
  primeiro_nome text,
  sobre_nome text,
  cpf varchar(11),
  atualizado_em timestamp);
CREATE TABLE ns.emails (
  id uuid PRIMARY KEY,
  id_contato uuid NOT NULL REFERENCES ns.contatos,
  email text NOT NULL);
CREATE TABLE ns.enderecos (
  id uuid PRIMARY KEY,
  id_pessoa uuid NOT NULL REFERENCES ns.pessoas,
  tipo_logradouro text,
  logradouro varchar(150),
  numero text,
  complemento text,
  cep text,
  bairro text,
  tipo text,
  uf text,
  ibge text,
  cidade text,
  atualizado_em timestamp);
