#!/usr/bin/env python3
"""Makes systems.txt.gz, the table of coordinate reference systems, from the
database of PROJ (proj.db with the EPSG, Esri and IGN registers) and from what
its program projinfo answers about shifts of datum that need no grid file.

    python3 data/crs/build.py /usr/share/proj/proj.db

The lines, with tabs between:

    G code name datum-names a 1/f prime-meridian degrees-per-unit shifts box
    H code flat-code            (a system with heights, also a compound one, and the flat one)
    P code name geographic-code metres-per-unit method parameters box

A box is west,south,east,north in degrees. Shifts are parted by |, each
accuracy;box;steps, where steps are parted by / and are
tx,ty,tz[,rx,ry,rz,ppm] (metres, arc seconds in the position vector convention);
no step says that the degrees are the same, ? that the way is not known here.
Parameters are lat0,lon0,k0,sp1,sp2,fe,fn in degrees and metres.
"""
import concurrent.futures, gzip, math, os, re, sqlite3, subprocess, sys, tempfile, shutil

db = sqlite3.connect(sys.argv[1])
home = tempfile.mkdtemp()
shutil.copy(sys.argv[1], home + "/proj.db")  # without grids beside it
environment = dict(os.environ, PROJ_LIB=home, PROJ_DATA=home)

units = {(a, str(c)): f for a, c, f in db.execute("select auth_name, code, conv_factor from unit_of_measure")}

def degrees(value, authority, code):
    if value is None:
        return None
    if str(code) == "9110":  # sexagesimal: DDD.MMSSsss
        text = "%.12f" % abs(value)
        whole, rest = text.split(".")
        v = int(whole) + int(rest[:2]) / 60 + float(rest[2:4] + "." + rest[4:]) / 3600
        return math.copysign(v, value)
    if str(code) in ("9102", "9122") or units[(authority, str(code))] is None:
        return value
    if str(code) in ("9105", "9106"):
        return value * 9 / 10
    return math.degrees(value * units[(authority, str(code))])

def feet(factor):
    return {0.304800609601219: 1200 / 3937}.get(factor, factor)

def metres(value, authority, code):
    return None if value is None else value * feet(units[(authority, str(code))])

def number(v):
    if v is None:
        return ""
    t = repr(round(v, 15)) if abs(v) < 1000 else repr(v)
    return t[:-2] if t.endswith(".0") else t

def box(table, authority, code):
    rows = db.execute("""select e.west_lon, e.south_lat, e.east_lon, e.north_lat from usage u join extent e
        on e.auth_name = u.extent_auth_name and e.code = u.extent_code
        where u.object_table_name = ? and u.object_auth_name = ? and u.object_code = ?""", (table, authority, code)).fetchall()
    return ",".join(number(v) for v in rows[0]) if rows and rows[0][0] is not None else ""

def shifts(code):
    out = subprocess.run(["projinfo", "-s", code, "-t", "EPSG:4326", "--spatial-test", "intersects", "--grid-check", "discard_missing",
        "-o", "PROJ,WKT2:2019"], capture_output=True, text=True, env=environment).stdout
    found = []
    for part in re.split(r"-{20,}\nOperation No\. \d+:\n", out)[1:]:
        head = part.strip().split("\n")[0]
        if "allpark" in head:
            continue
        m = re.search(r", ([\d.]+) m, ", head)
        accuracy = m.group(1) if m else ""
        steps, known = [], True
        pipeline = part.split("PROJ string:")[1].split("WKT2:2019 string:")[0]
        for step in re.split(r"\+step", pipeline)[1:]:
            kind = re.search(r"\+proj=(\w+)", step).group(1)
            inverse = "+inv " in step
            if kind in ("axisswap", "unitconvert", "push", "pop", "cart", "longlat", "noop"):
                continue
            if kind != "helmert" or "+exact" in step:
                known = False
                break
            get = lambda k: float((re.search(r"\+%s=(\S+)" % k, step) or [0, 0])[1])
            p = [get("x"), get("y"), get("z"), get("rx"), get("ry"), get("rz"), get("s")]
            if "coordinate_frame" in step:
                p[3:6] = [-v for v in p[3:6]]
            if inverse:
                p.append("i")
            while p and p[-1] == 0:
                p.pop()
            if p:
                steps.append(",".join(v if v == "i" else number(v) for v in p))
        boxes = re.findall(r"BBOX\[([^\]]*)\]", part)
        b = ""
        if boxes:
            s, w, n, e = boxes[-1].split(",")
            b = ",".join((w, s, e, n))
        off = "o" if "- offshore" in head else ""
        found.append(";".join((accuracy + off, b, "/".join(steps) if known else "?")))
    return "|".join(found)

lines, geographic = [], {}
rows = db.execute("""select g.auth_name, g.code, g.name, g.type, d.auth_name, d.code, d.name, e.semi_major_axis, e.uom_auth_name, e.uom_code,
    e.inv_flattening, e.semi_minor_axis, p.longitude, p.uom_auth_name, p.uom_code, g.coordinate_system_auth_name, g.coordinate_system_code
    from geodetic_crs g join geodetic_datum d on d.auth_name = g.datum_auth_name and d.code = g.datum_code
    join ellipsoid e on e.auth_name = d.ellipsoid_auth_name and e.code = d.ellipsoid_code
    join prime_meridian p on p.auth_name = d.prime_meridian_auth_name and p.code = d.prime_meridian_code
    where g.type in ('geographic 2D', 'geographic 3D') and g.auth_name in ('EPSG', 'ESRI', 'IGNF') and e.semi_major_axis > 6300000 and e.semi_major_axis < 6400000
    or e.semi_major_axis > 20900000 and e.semi_major_axis < 20950000
    order by g.deprecated, g.auth_name, cast(g.code as integer), g.code""").fetchall()
flat = {}
for r in rows:
    if r[3] == "geographic 2D":
        flat.setdefault((r[4], r[5]), f"{r[0]}:{r[1]}")
        flat.setdefault(r[2], f"{r[0]}:{r[1]}")
wanted = []
for r in rows:
    code = f"{r[0]}:{r[1]}"
    if r[3] == "geographic 3D":
        two = flat.get((r[4], r[5])) or flat.get(r[2])
        if two:
            lines.append(f"H\t{code}\t{two}")
        continue
    a = metres(r[7], r[8], r[9])
    if r[10] is not None:
        inverse = r[10]
    else:
        b = metres(r[11], r[8], r[9])
        inverse = 0 if a == b else a / (a - b)
    names = {r[6], r[2]}
    for (n,) in db.execute("select alt_name from alias_name where table_name = 'geodetic_datum' and auth_name = ? and code = ?", (r[4], r[5])):
        names.add(n)
    for (n,) in db.execute("select alt_name from alias_name where table_name = 'geodetic_crs' and auth_name = ? and code = ?", (r[0], r[1])):
        names.add(n)
    unit = db.execute("select uom_auth_name, uom_code, orientation from axis where coordinate_system_auth_name = ? and coordinate_system_code = ?", r[15:17]).fetchall()
    if len(unit) < 2 or {u[2] for u in unit} != {"east", "north"}:
        continue
    per = 1 if str(unit[0][1]) == "9110" else degrees(1, unit[0][0], unit[0][1])
    wanted.append((code, r[2], ";".join(sorted(n.replace(";", " ") for n in names)), a, inverse, degrees(r[12], r[13], r[14]), per, box("geodetic_crs", r[0], r[1])))
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    for w, s in zip(wanted, pool.map(lambda w: shifts(w[0]), wanted)):
        code, name, names, a, inverse, pm, per, b = w
        geographic[code] = True
        lines.append("\t".join(("G", code, name, names, number(a), repr(inverse), number(pm), number(per), s, b)))

kinds = {"9807": "tm", "9801": "lcc1", "9802": "lcc2", "9803": "belgium", "9804": "merc", "9805": "merc2", "1024": "web", "9820": "laea", "9822": "albers"}
names = dict((str(c), n) for c, n in db.execute("select code, name from conversion_method where auth_name = 'EPSG'"))
where = {"8801": 0, "8821": 0, "8802": 1, "8822": 1, "8805": 2, "8823": 3, "8824": 4, "8806": 5, "8807": 6, "8826": 5, "8827": 6}
for r in db.execute("""select p.auth_name, p.code, p.name, p.geodetic_crs_auth_name, p.geodetic_crs_code, p.coordinate_system_auth_name, p.coordinate_system_code, c.*
    from projected_crs p join conversion_table c on c.auth_name = p.conversion_auth_name and c.code = p.conversion_code
    where p.auth_name in ('EPSG', 'ESRI', 'IGNF') order by p.auth_name, cast(p.code as integer), p.code""").fetchall():
    code, base = f"{r[0]}:{r[1]}", f"{r[3]}:{r[4]}"
    method = str(r[12])
    if r[11] != "EPSG":
        kind = "method " + str(r[12])
    else:
        kind = kinds.get(method, names.get(method, method))
    axes = db.execute("select uom_auth_name, uom_code, orientation from axis where coordinate_system_auth_name = ? and coordinate_system_code = ?", r[5:7]).fetchall()
    if {a[2] for a in axes[:2]} != {"east", "north"} and kind in kinds.values():
        kind = "axes that point " + " and ".join(a[2] for a in axes[:2])
    p = [None] * 7
    for k in range(7):
        _, parameter, value, ua, uc = r[13 + 5 * k:18 + 5 * k]
        at = where.get(str(parameter))
        if at is None or value is None:
            continue
        p[at] = value if at == 2 else degrees(value, ua, uc) if at in (0, 1, 3, 4) else metres(value, ua, uc)
    metre = feet(units[(axes[0][0], str(axes[0][1]))]) if axes else 1
    lines.append("\t".join(("P", code, r[2], base, repr(metre), kind, ",".join(number(v) for v in p), box("projected_crs", r[0], r[1]))))
for r in db.execute("""select auth_name, code, horiz_crs_auth_name, horiz_crs_code from compound_crs where auth_name in ('EPSG', 'ESRI', 'IGNF')
    and horiz_crs_code is not null order by auth_name, cast(code as integer), code""").fetchall():
    lines.append(f"H\t{r[0]}:{r[1]}\t{r[2]}:{r[3]}")
target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "systems.txt.gz")
with open(target, "wb") as f, gzip.GzipFile(filename="", mode="wb", fileobj=f, mtime=0) as z:
    z.write(("\n".join(lines) + "\n").encode())
shutil.rmtree(home)
print(len(lines), "lines,", os.path.getsize(target), "bytes")
