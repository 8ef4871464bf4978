#!/usr/bin/env bash
# Package:  R package lpSolve 5.6.18 (Debian r-cran-lpsolve 5.6.18-1, R 4.2.2).
# Source:   lpSolve's manual, lp.transport (integers: all variables, unless NULL is given).
# Guess:    a transportation problem is a linear program: expected patients of 0.6 a year from one place are sent as 0.6,
#           and a problem of minutes times patients costs half as much when all patients are halved.
# Seen:     every flow is a whole number. Where places must be served at least, 0.6, 0.7 and 0.7 patients (2.0 in all) are
#           sent as 1 each, status 0, at 1.5 times the cost; where exactly, status 2 and a cost of 0; without integers (NULL)
#           the flows are those that were asked for.
# Matters:  allocation of rare patients to centers under capacity works with expected numbers below one a place: their
#           minutes and the load of the centers are those of half as many patients again, or none, beside a cost of 0.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
dpkg -s r-cran-lpsolve >/dev/null 2>&1 || apt-get install -yq --no-install-recommends r-cran-lpsolve >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
cat > probe.R <<'R'
suppressMessages(library(lpSolve))
cat("lpSolve", as.character(packageVersion("lpSolve")), "\n")
minutes <- matrix(c(20, 60, 90, 80, 30, 25), 3) # of three places to two centers
patients <- c(0.6, 0.7, 0.7)
room <- c(5, 5)
sent <- function(sign, ...) lp.transport(minutes, "min", rep(sign, 3), patients, rep("<=", 2), room, ...)
least <- sent(">="); exact <- sent("="); parts <- sent("=", integers = NULL)
want <- sum(patients * apply(minutes, 1, min))
cat("patient minutes, by hand:", want, "\n")
for (of in list(list("at least", least), list("exactly", exact), list("exactly, no integers", parts)))
  cat(sprintf("%-22s status %d, cost %g, patients sent %s\n", of[[1]], of[[2]]$status, of[[2]]$objval,
              paste(rowSums(of[[2]]$solution), collapse = " ")))
seen <- least$status == 0 && all(rowSums(least$solution) == 1) && least$objval > 1.4 * want &&
  exact$status == 2 && exact$objval == 0 && isTRUE(all.equal(parts$objval, want))
quit(status = if (seen) 0 else 1)
R
Rscript --vanilla probe.R
