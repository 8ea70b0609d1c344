"""The seed's way to load a file in parts: Flask, RabbitMQ, psycopg2.

    splitter.py web URL AMQP PORT     takes POST / and GET /status
    splitter.py worker URL AMQP       takes parts from the queue

As it is told of the original: the upload is read whole, cut into parts of 10,000 lines, each one message; a
worker splits lines at white space, cleans and checks the eight values, and writes a part with one INSERT of
many rows; a row that is there already fails its part. Two things are better here: values are quoted by
psycopg2, and a part's status is written in the transaction of its rows.
"""

import json
import sys
import uuid

import flask
import pika
import psycopg2

LINES = 10_000
QUEUE = "splitter"
DDL = """
CREATE TABLE IF NOT EXISTS rival_purchase (
  id bigserial PRIMARY KEY, cpf varchar(20) NOT NULL UNIQUE, private boolean, incompleto boolean,
  data_ultima_compra date, ticket_medio double precision, ticket_ultima_compra double precision,
  loja_mais_frequente varchar(20), loja_ultima_compra varchar(20), cpf_valido boolean,
  cnpj_loja_mais_frequente_valido boolean, cnpj_loja_ultima_compra_valido boolean);
CREATE TABLE IF NOT EXISTS rival_status (
  id bigserial PRIMARY KEY, message_id varchar(36), completion_time timestamptz DEFAULT now(), status text,
  message jsonb, part int, total_parts int)
"""


def good(number, first_weights):
    digits = [int(c) for c in number if c.isdigit()]
    if len(digits) != len(first_weights) + 2:
        return False
    for weights in (first_weights, (first_weights[0] + 1, *first_weights)):
        rest = sum(d * w for d, w in zip(digits, weights)) % 11
        if digits[len(weights)] != (0 if rest < 2 else 11 - rest):
            return False
    return True


CPF = tuple(range(10, 1, -1))
CNPJ = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def good_cnpj(number):
    digits = [int(c) for c in number if c.isdigit()]
    if len(digits) != 14:
        return False
    for weights in (CNPJ, (6, *CNPJ)):
        rest = sum(d * w for d, w in zip(digits, weights)) % 11
        if digits[len(weights)] != (0 if rest < 2 else 11 - rest):
            return False
    return True


def clean(line, counts):
    values = line.split()
    if len(values) != 8:
        counts["wrong_columns_count"] += 1
        return None
    cpf, private, incomplete, day, average, last, often, lately = (None if v == "NULL" else v for v in values)
    cpf_good = good(cpf, CPF)
    often_good = often is None or good_cnpj(often)
    lately_good = lately is None or good_cnpj(lately)
    counts["invalid_cpf_count"] += not cpf_good
    counts["invalid_loja_mais_frequente"] += not often_good
    counts["invalid_loja_ultima_compra"] += not lately_good
    number = [None if v is None else float(v.replace(",", ".")) for v in (average, last)]
    return (cpf, private == "1", incomplete == "1", day, *number, often, lately, cpf_good, often_good, lately_good)


def load(connection, message):
    head, _, body = message.partition("\n")
    head = json.loads(head)
    counts = dict.fromkeys(
        ("invalid_cpf_count", "invalid_date", "invalid_loja_mais_frequente", "invalid_loja_ultima_compra",
         "wrong_columns_count"), 0)  # fmt: skip
    lines = body.splitlines()
    rows = [row for row in (clean(line, counts) for line in lines) if row is not None]
    counts["total_rows"], counts["total_added"] = len(lines), len(rows)
    status, said = "success", counts
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT part")
        try:
            values = b",".join(cursor.mogrify("(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", row) for row in rows)
            cursor.execute(
                b"INSERT INTO rival_purchase (cpf, private, incompleto, data_ultima_compra, ticket_medio,"
                b" ticket_ultima_compra, loja_mais_frequente, loja_ultima_compra, cpf_valido,"
                b" cnpj_loja_mais_frequente_valido, cnpj_loja_ultima_compra_valido) VALUES " + values
            )
        except psycopg2.Error as error:
            cursor.execute("ROLLBACK TO SAVEPOINT part")
            status, said = "fail", {"error": str(error)}
        cursor.execute(
            "INSERT INTO rival_status (message_id, status, message, part, total_parts) VALUES (%s, %s, %s, %s, %s)",
            (head["message_id"], status, json.dumps(said), head["part"], head["total_parts"]),
        )
    connection.commit()


def work(url, amqp):
    connection = psycopg2.connect(url)
    channel = pika.BlockingConnection(pika.URLParameters(amqp)).channel()
    channel.queue_declare(QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)

    def take(channel, method, _, body):
        load(connection, body.decode())
        channel.basic_ack(method.delivery_tag)

    channel.basic_consume(QUEUE, take)
    print("ready", flush=True)
    channel.start_consuming()


def serve(url, amqp, port):
    app = flask.Flask("splitter")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(DDL)

    @app.post("/")
    def upload():
        lines = next(iter(flask.request.files.values())).read().decode().splitlines()[1:]
        message_id = str(uuid.uuid4())
        parts = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
        broker = pika.BlockingConnection(pika.URLParameters(amqp))
        channel = broker.channel()
        channel.queue_declare(QUEUE, durable=True)
        for number, part in enumerate(parts, 1):
            head = {"part": number, "total_parts": len(parts), "message_id": message_id}
            channel.basic_publish(
                "", QUEUE, (json.dumps(head) + "\n" + "\n".join(part)).encode(),
                pika.BasicProperties(delivery_mode=2),
            )  # fmt: skip
        broker.close()
        return {"info": "sent", "message_id": message_id, "url": f"http://127.0.0.1:{port}/status?message_id={message_id}"}

    @app.get("/status")
    def status():
        message_id = flask.request.args["message_id"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT status, message, part, total_parts FROM rival_status WHERE message_id = %s", (message_id,))
            parts = cursor.fetchall()
        total = parts[0][3] if parts else 0
        told = [{"status": s, "message": m, "part": p} for s, m, p, _ in parts]
        return {
            "message_id": message_id, "total_parts": total, "completed_parts": len(parts),
            "status": "completed" if total and len(parts) == total else "processing",
            "success": [t for t in told if t["status"] == "success"],
            "failed": [t for t in told if t["status"] == "fail"],
        }  # fmt: skip

    print("ready", flush=True)
    app.run(port=port, threaded=False)


if __name__ == "__main__":
    if sys.argv[1] == "web":
        serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        work(sys.argv[2], sys.argv[3])
