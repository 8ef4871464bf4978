CREATE TABLE version (tables integer NOT NULL);
CREATE TABLE job (
	id text COLLATE "C" PRIMARY KEY, process text NOT NULL, title text NOT NULL, input bytea NOT NULL,
	status text NOT NULL, problem bytea, created bigint NOT NULL, started bigint NOT NULL DEFAULT 0, finished bigint NOT NULL DEFAULT 0,
	river bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0, private boolean NOT NULL DEFAULT false, passing boolean NOT NULL DEFAULT false,
	owner text NOT NULL DEFAULT '');
CREATE INDEX job_created ON job (created DESC, id);
CREATE INDEX job_waiting ON job (status) WHERE status IN ('accepted', 'running');
CREATE TABLE result (id text COLLATE "C" PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE, body bytea NOT NULL);
CREATE TABLE run (
	id text COLLATE "C" PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE, token text NOT NULL, beat timestamptz NOT NULL, attempts integer NOT NULL,
	stage text NOT NULL DEFAULT '', done integer NOT NULL DEFAULT 0, total integer NOT NULL DEFAULT 0);
CREATE TABLE layer (
	name text COLLATE "C" NOT NULL, version integer NOT NULL, format text NOT NULL, options bytea NOT NULL, sha256 text NOT NULL, bytes bigint NOT NULL,
	rows bigint NOT NULL, created bigint NOT NULL, current boolean NOT NULL, body bytea NOT NULL, PRIMARY KEY (name, version));
ALTER TABLE result ALTER body SET STORAGE EXTERNAL;

-- Whatever changes is told to all servers, whoever changes it.
CREATE FUNCTION tell(what text, id text) RETURNS void LANGUAGE sql AS $$
	SELECT pg_notify('careshed_server', json_build_object('what', what, 'id', id, 'by', coalesce(current_setting('careshed.server', true), ''))::text)
$$;
CREATE FUNCTION job_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		PERFORM careshed_server.tell('gone', OLD.id);
	ELSE
		PERFORM careshed_server.tell('job', NEW.id);
	END IF;
	RETURN NULL;
END $$;
CREATE FUNCTION run_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM careshed_server.tell('run', NEW.id);
	RETURN NULL;
END $$;
CREATE FUNCTION layer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM careshed_server.tell('layer', CASE WHEN TG_OP = 'DELETE' THEN OLD.name ELSE NEW.name END);
	RETURN NULL;
END $$;
CREATE TRIGGER told AFTER INSERT OR DELETE OR UPDATE OF status, passing ON job FOR EACH ROW EXECUTE FUNCTION job_changed();
CREATE TRIGGER told AFTER UPDATE OF stage, done, total ON run FOR EACH ROW EXECUTE FUNCTION run_changed();
CREATE TRIGGER told AFTER INSERT OR DELETE ON layer FOR EACH ROW EXECUTE FUNCTION layer_changed();
