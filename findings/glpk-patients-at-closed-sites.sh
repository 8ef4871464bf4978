#!/usr/bin/env bash
# Package:  GLPK 5.0, glpsol (Debian glpk-utils 5.0-1); for comparison HiGHS 1.15.3 (npm highs).
# Source:   GLPK reference manual, glp_iocp: tol_int (1e-5) tells what is near enough to a whole number. glpsol has no option for it.
# Guess:    a plan that is INTEGER OPTIMAL keeps its conditions: nobody is treated at a site that is not opened.
# Seen:     of three sites two may open. An isle of 60 people can use its own alone, so it must be one of them: 480 million minutes
#           (HiGHS). glpsol opens the two others and treats the 60 at the closed site: 300 million, INTEGER OPTIMAL. "At most 10 million
#           times open" lets 60 in where open is 0.000006, which is taken for 0. Only the last line of the report for people (-o)
#           says SOLUTION IS INFEASIBLE; the log, the end status and the file for programs (-w) do not.
# Matters:  a bound of all people, or any large number, is what books give for the capacity of a site without a limit. Villages of fewer
#           people than a hundred thousandth of it get care from nowhere, and the plan that looks best is one that leaves them out.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
command -v glpsol >/dev/null || apt-get install -yq glpk-utils >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund --prefix . highs@1.15.3 >/dev/null || exit 2
cat > plan.lp <<'LP'
Minimize
 minutes: 40 west_west + 70 west_east + 90 east_west + 20 east_east + 10 isle_isle
Subject To
 west: west_west + west_east = 6000000
 east: east_west + east_east = 3000000
 isle: isle_isle = 60
 at_west: west_west + east_west - 10000000 open_west <= 0
 at_east: west_east + east_east - 10000000 open_east <= 0
 at_isle: isle_isle - 10000000 open_isle <= 0
 two: open_west + open_east + open_isle <= 2
Binary
 open_west
 open_east
 open_isle
End
LP
glpsol --lp plan.lp -w plan.txt -o report.txt | grep -E '^(GLPSOL|INTEGER)'
minutes=$(sed -n 's/^c Objective: *minutes = \([0-9]*\).*/\1/p' plan.txt)
column() { awk -v j="$1" '$1 == "j" && $2 == j { print $3 }' plan.txt; } # in the order of the objective, then the sites
echo "glpsol: $minutes minutes, open west $(column 6), east $(column 7), isle $(column 8); treated at the isle: $(column 5)"
echo "its report: $(grep '^Status' report.txt | tr -s ' '); $(grep -o 'SOLUTION IS INFEASIBLE' report.txt || echo nothing else)"
best=$(node -e 'require("highs")().then(highs => {
  const plan = highs.solve(require("fs").readFileSync("plan.lp", "utf8"))
  console.log(plan.Status === "Optimal" ? Math.round(plan.ObjectiveValue) : plan.Status)
})')
echo "HiGHS: $best minutes"
[ "$minutes" = 300000600 ] && [ "$best" = 480000600 ] && [ "$(column 5)" = 60 ] && [ "$(column 8)" = 0 ] ||
  { echo "not seen: nobody is treated at a closed site"; exit 1; }
