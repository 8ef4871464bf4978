#!/usr/bin/env bash
# Package:  R package survival 3.5-3 (Debian r-cran-survival 3.5-3-1, R 4.2.2).
# Source:   survival's manual, clogit (weights need an approximate method; the partial likelihood weighs the risk set too).
# Guess:    choices that are added up to origin × provider counts, and given as weights, are the same data as one row set a
#           patient: the same log likelihood and the same AIC.
# Seen:     the coefficient and its robust error are the same; the log likelihood is lower by the sum of n·log n over the
#           choices. No warning.
# Matters:  flows come as counts. AIC or McFadden's R² of a choice of centers from counts then depends on how patients were
#           added up, and by month, year or area another model is "better".
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
dpkg -s r-cran-survival >/dev/null 2>&1 || apt-get install -yq --no-install-recommends r-cran-survival >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
cat > probe.R <<'R'
suppressMessages(library(survival))
cat("survival", as.character(packageVersion("survival")), "\n")
hours <- rbind(c(0.5, 1, 2), c(1.5, 0.7, 1), c(3, 2, 0.4), c(1, 1.2, 2.5)) # from four towns to three centers
patients <- rbind(c(9, 4, 1), c(2, 7, 3), c(1, 2, 8), c(6, 5, 1))
flow <- which(patients > 0, arr.ind = TRUE)
rows <- function(town, center, stratum, n) data.frame(chosen = as.integer(seq_len(3) == center), hours = hours[town, ], stratum, town, n)
added <- do.call(rbind, lapply(seq_len(nrow(flow)), function(k) rows(flow[k, 1], flow[k, 2], k, patients[flow[k, 1], flow[k, 2]])))
each <- list()
for (k in seq_len(nrow(flow))) for (i in seq_len(patients[flow[k, 1], flow[k, 2]]))
  each[[length(each) + 1]] <- rows(flow[k, 1], flow[k, 2], length(each) + 1, 1)
each <- do.call(rbind, each)
fit <- function(d) clogit(chosen ~ hours + strata(stratum) + cluster(town), d, weights = n, method = "breslow")
a <- fit(added); b <- fit(each)
n <- patients[flow]
cat(sprintf("  %-22s coefficient %.6f, log likelihood %.4f, robust error %.6f\n", c("counts as weights", "a row set a patient"),
  c(coef(a), coef(b)), c(a$loglik[2], b$loglik[2]), sqrt(c(vcov(a), vcov(b)))), sep = "")
cat(sprintf("  lower by %.4f; the sum of n log n is %.4f\n", b$loglik[2] - a$loglik[2], sum(n * log(n))))
seen <- isTRUE(all.equal(unname(coef(a)), unname(coef(b)), tolerance = 1e-6)) && abs(b$loglik[2] - a$loglik[2] - sum(n * log(n))) < 1e-6
quit(status = if (seen) 0 else 1)
R
Rscript --vanilla probe.R
